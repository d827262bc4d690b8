import type { ItemFault, RawItem } from '#batch';
import { prepareItem, rejectedAt, type IngestContext, type PreparedItem } from '#profile';

const FAULT_MESSAGES: Readonly<Record<ItemFault, string>> = {
  ITEM_TOO_LARGE: 'is over the limit of an item (record or upsert 100 KB, event 64 KB)',
  INVALID_UTF8: 'is not valid UTF-8',
};

/** What an item of a request is, be it readable or not. `now`: epoch milliseconds. */
export function prepareRaw(context: IngestContext, { text, fault }: RawItem, now: number): PreparedItem {
  return text === undefined ? rejectedAt(fault, '', FAULT_MESSAGES[fault]) : prepareItem(context, text, now);
}
