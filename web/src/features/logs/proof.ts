// The check of an inclusion proof (RFC 9162 section 2.1.3.2) in the browser, so
// that nobody has to believe the server's word for it. What a leaf covers stands
// in docs/format/ledger.md: position and entry.

export interface Inclusion {
  seq: number; // index of the leaf
  size: number; // of the tree
  entry: Uint8Array;
  path: Uint8Array[];
  root: Uint8Array;
}

type Hash = (data: Uint8Array) => Promise<Uint8Array>;

const sha256: Hash = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data as Uint8Array<ArrayBuffer>));

/** Reads base64 or hex, as hashes are written. */
export function bytesOf(text: string): Uint8Array {
  if (/^([0-9a-f]{2})+$/i.test(text) && text.length === 64) return Uint8Array.from(text.match(/../g)!, (b) => parseInt(b, 16));
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

/** Tells whether the entry hashes to the root along the path. It needs WebCrypto, which browsers give over TLS and on this machine only. */
export async function verifyInclusion(p: Inclusion, hash: Hash = sha256): Promise<boolean> {
  if (p.seq < 0 || p.seq >= p.size) return false;
  // Numbers beyond 2^32 do not fit bit operators.
  let fn = BigInt(p.seq);
  let sn = BigInt(p.size - 1);
  let r = await hash(join(Uint8Array.of(0), position(p.seq), p.entry));
  for (const sibling of p.path) {
    if (sn === 0n) return false;
    if (fn & 1n || fn === sn) {
      r = await hash(join(Uint8Array.of(1), sibling, r));
      while (!(fn & 1n) && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      r = await hash(join(Uint8Array.of(1), r, sibling));
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && same(r, p.root);
}

/** The sequence number as the leaf covers it: 8 bytes, the most significant first. */
function position(seq: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(seq));
  return bytes;
}

/** Tells whether a checkpoint (C2SP signed note: origin, size, root in base64) speaks of this tree. Its signature is not looked at: that wants the station's key. */
export function speaksOf(checkpoint: string, size: number, root: Uint8Array): boolean {
  const [, said, hash = ""] = checkpoint.split("\n");
  try {
    return said === String(size) && same(bytesOf(hash), root);
  } catch {
    return false;
  }
}

function join(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((v, i) => v === b[i]);
}
