// Photos before they are kept: a large one is made smaller here already, since the way to the server may be slow.
// When and where it was taken is carried over from the camera's note; the server drops whatever else stands there.

export const MOST = 4;
const LARGEST = 12 * 1024 * 1024;
const SMALL_ENOUGH = 1_200_000;
const SIDE = 2048;

/** Something that is no photo. word: name of the page's sentence. */
export class PhotoError extends Error {
  constructor(word, name) {
    super(word);
    this.word = word;
    this.name = name;
  }
}

function kindOf(bytes) {
  const text = String.fromCharCode(...bytes.subarray(0, 12));
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return "image/jpeg";
  if (text.startsWith("\x89PNG")) return "image/png";
  return text.startsWith("RIFF") && text.endsWith("WEBP") ? "image/webp" : null;
}

/** Return {name, type, buffer} of a chosen file; PhotoError when it is no photo or too large. */
export async function prepare(file) {
  const kind = kindOf(new Uint8Array(await file.slice(0, 12).arrayBuffer()));
  if (!kind) throw new PhotoError("photo_wrong", file.name);
  // what is far too large is not even read into memory
  if (file.size > 4 * LARGEST) throw new PhotoError("photo_large", file.name);
  const original = await file.arrayBuffer();
  const small = original.byteLength > SMALL_ENOUGH ? await shrink(new Blob([original], { type: kind })) : null;
  if (small && small.byteLength < original.byteLength) {
    const note = kind === "image/jpeg" ? uprightNote(new Uint8Array(original)) : null;
    return { name: "photo.jpg", type: "image/jpeg", buffer: note ? withNote(new Uint8Array(small), note) : small };
  }
  if (original.byteLength > LARGEST) throw new PhotoError("photo_large", file.name);
  return { name: file.name, type: kind, buffer: original };
}

async function shrink(blob) {
  try {
    const picture = await createImageBitmap(blob, { imageOrientation: "from-image" });
    const factor = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * factor));
    canvas.height = Math.max(1, Math.round(picture.height * factor));
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const made = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", 0.85); });
    return made ? await made.arrayBuffer() : null;
  } catch {
    return null; // the server may read what this browser cannot
  }
}

/** Return the camera's note (the Exif segment of a JPEG) saying that the picture stands upright, or null. */
function uprightNote(bytes) {
  const view = new DataView(bytes.buffer);
  for (let at = 2; at + 4 < bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda;) {
    const length = view.getUint16(at + 2);
    if (bytes[at + 1] === 0xe1 && length > 16 && view.getUint32(at + 4) === 0x45786966) {
      const note = bytes.slice(at, at + 2 + length);
      setUpright(new DataView(note.buffer, 10));
      return note;
    }
    at += 2 + length;
  }
  return null;
}

function setUpright(tiff) {
  try {
    const little = tiff.getUint16(0) === 0x4949;
    const start = tiff.getUint32(4, little);
    const entriesIn = tiff.getUint16(start, little);
    for (let i = 0; i < entriesIn; i += 1) {
      const at = start + 2 + 12 * i;
      if (tiff.getUint16(at, little) === 0x0112) tiff.setUint16(at + 8, 1, little);
    }
  } catch {
    // a note that ends early says nothing about turning
  }
}

function withNote(picture, note) {
  const joined = new Uint8Array(picture.length + note.length);
  joined.set(picture.subarray(0, 2));
  joined.set(note, 2);
  joined.set(picture.subarray(2), 2 + note.length);
  return joined.buffer;
}
