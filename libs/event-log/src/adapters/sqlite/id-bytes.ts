/** Ids that `eventIds` minted share this much; the last four bytes count. */
const SHARED_BYTES = 12;
const ID_BYTES = 16;
const SHARED_CHARACTERS = 28;

/**
 * The ids of the events of one append, in one of three forms that the length tells apart: the first id alone (the others
 * count up from it), the shared bytes and then four per event, or 16 per event. Lossless for any lower-case UUIDs.
 */
export function packIds(ids: readonly string[]): Buffer {
  const [first = ''] = ids;
  const shared = first.slice(0, SHARED_CHARACTERS);
  if (!ids.every((id) => id.startsWith(shared))) return fromHex(ids.join(''));
  if (ids.every((id, index) => id === nthId(first, index))) return fromHex(first);
  return fromHex(shared + ids.map((id) => id.slice(SHARED_CHARACTERS)).join(''));
}

/** Reads the ids back by their index in the append. `count` is how many were packed. */
export function unpackIds(packed: Buffer, count: number): (index: number) => string {
  const hex = packed.toString('hex');
  if (packed.length === ID_BYTES) {
    const first = withDashes(hex);
    return (index) => nthId(first, index);
  }
  if (packed.length === ID_BYTES * count) return (index) => withDashes(hex.slice(index * 32, (index + 1) * 32));
  const shared = hex.slice(0, SHARED_BYTES * 2);
  return (index) => {
    const start = shared.length + index * 8;
    return withDashes(shared + hex.slice(start, start + 8));
  };
}

/** Beyond the last number the text grows too long to be an id, so it equals none. */
function nthId(first: string, index: number): string {
  const number = parseInt(first.slice(SHARED_CHARACTERS), 16) + index;
  return first.slice(0, SHARED_CHARACTERS) + number.toString(16).padStart(8, '0');
}

function fromHex(text: string): Buffer {
  return Buffer.from(text.replaceAll('-', ''), 'hex');
}

function withDashes(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
