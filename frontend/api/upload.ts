// Uploads by XMLHttpRequest, because fetch cannot tell how far an upload has come.
import { type Api, ApiError, CANCELLED, errorOf, OFFLINE } from "./client";

export interface Upload<T> {
  done: Promise<T>;
  cancel(): void;
}

/** progress: share of the bytes that left, 0 to 1. */
export function upload<T>(
  api: Api,
  path: string,
  form: FormData,
  extra: Record<string, string>,
  onProgress: (share: number) => void,
): Upload<T> {
  const xhr = new XMLHttpRequest();
  const done = new Promise<T>((resolve, reject) => {
    xhr.open("POST", api.url(path));
    for (const [name, value] of Object.entries({ ...api.headers(), ...extra })) {
      xhr.setRequestHeader(name, value);
    }
    xhr.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    xhr.onload = () => {
      const body = parsed(xhr.responseText);
      if (xhr.status >= 200 && xhr.status < 300) resolve(body as T);
      else reject(errorOf(xhr.status, body));
    };
    xhr.onerror = () => reject(new ApiError(0, OFFLINE, ""));
    xhr.onabort = () => reject(new ApiError(0, CANCELLED, ""));
    xhr.send(form);
  });
  return { done, cancel: () => xhr.abort() };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // an error page of a proxy is not JSON; the status says enough
  }
}
