// A text's identity for splitting and for finding duplicates.

/**
 * Unicode NFKC, lower case, every run of what is no letter, mark or digit as one space; a text that has
 * none of them (`:-)`) stays as it is.
 */
export function normaliseText(text: string): string {
  const plain = text.normalize('NFKC').toLowerCase();
  return plain.replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim() || plain.trim();
}

/** 64-bit FNV-1a of the UTF-8 bytes: stable over machines and versions. */
export function hashText(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash;
}
