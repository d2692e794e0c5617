// QR codes in pictures and before the camera, where the browser itself can read them.

const LOOK_EVERY_MS = 250;

async function canDetect() {
  if (!("BarcodeDetector" in globalThis)) return false;
  return (await globalThis.BarcodeDetector.getSupportedFormats()).includes("qr_code");
}

export const canReadPictures = await canDetect().catch(() => false);

const detector = canReadPictures ? new globalThis.BarcodeDetector({ formats: ["qr_code"] }) : null;

async function read(source) {
  const [found] = await detector.detect(source);
  return found?.rawValue || null;
}

/** The text of the code in a picture file, or null. */
export async function readPicture(file) {
  const bitmap = await createImageBitmap(file);
  try {
    return await read(bitmap);
  } finally {
    bitmap.close();
  }
}

/** Show the camera in `video` and call `found` with each code seen; returns how to stop. */
export async function watchCamera(video, found) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  video.srcObject = stream;
  video.hidden = false;
  await video.play();
  const timer = setInterval(async () => {
    const code = await read(video).catch(() => null);
    if (code) found(code);
  }, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    stream.getTracks().forEach((track) => track.stop());
    video.hidden = true;
  };
}
