// HTTP to the REST API: the tenant and CSRF headers, and one kind of error for every refusal.

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** Nothing reached the server, or it could not answer just now: the same request may work later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

/** The code of an ApiError that stands for "no answer at all". */
export const OFFLINE = "offline";
export const CANCELLED = "cancelled";

/** A request that hangs longer has failed: what waits behind it must go on. */
const PATIENCE_MS = 30_000;

export function csrfToken(cookies: string): string {
  const found = /(?:^|;\s*)csrftoken=([^;]*)/.exec(cookies);
  return found?.[1] ? decodeURIComponent(found[1]) : "";
}

export function errorOf(status: number, body: unknown): ApiError {
  const said = (body ?? {}) as { code?: unknown; message?: unknown; fields?: unknown };
  return new ApiError(
    status,
    typeof said.code === "string" ? said.code : `http_${status}`,
    typeof said.message === "string" ? said.message : "",
    typeof said.fields === "object" && said.fields ? (said.fields as Record<string, unknown>) : {},
  );
}

export interface Api {
  get<T>(path: string, cancel?: AbortSignal): Promise<T>;
  send<T>(method: Method, path: string, body?: unknown, headers?: Record<string, string>): Promise<T>;
  /** Where a request goes, and what every request says of itself. */
  url(path: string): string;
  headers(): Record<string, string>;
}

export type Method = "POST" | "PUT" | "PATCH" | "DELETE";

export interface ApiOptions {
  base: string;
  tenant: string;
  onSignedOut?: () => void;
}

export function createApi({ base, tenant, onSignedOut }: ApiOptions): Api {
  const headers = () => ({ "X-Tenant": tenant, Accept: "application/json" });

  async function request<T>(path: string, init: RequestInit, cancel?: AbortSignal): Promise<T> {
    let response: Response;
    try {
      const timeout = AbortSignal.timeout(PATIENCE_MS);
      const signal = cancel ? AbortSignal.any([cancel, timeout]) : timeout;
      response = await fetch(base + path, { credentials: "same-origin", signal, ...init });
    } catch (error) {
      if (cancel?.aborted) throw new ApiError(0, CANCELLED, "");
      throw new ApiError(0, OFFLINE, String(error));
    }
    if (response.status === 204) return undefined as T;
    const body: unknown = await response.json().catch(() => null);
    // A portal or proxy that answers 200 with a page of its own is no answer of the API.
    if (response.ok && body !== null) return body as T;
    if (response.ok) throw new ApiError(0, OFFLINE, "");
    if (response.status === 401) onSignedOut?.();
    throw errorOf(response.status, body);
  }

  return {
    url: (path) => base + path,
    headers: () => ({ ...headers(), "X-CSRFToken": csrfToken(document.cookie) }),
    get: (path, cancel) => request(path, { headers: headers() }, cancel),
    send: (method, path, body, extra = {}) =>
      request(path, {
        method,
        headers: {
          ...headers(),
          "X-CSRFToken": csrfToken(document.cookie),
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...extra,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  };
}
