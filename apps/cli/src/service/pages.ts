import type { ServiceClient } from './service-client.js';

const PAGE_ITEMS = 1_000;

/** Every item of a list that comes in pages. */
export async function everyItem(client: ServiceClient, path: string): Promise<readonly unknown[]> {
  const items: unknown[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const query = `limit=${PAGE_ITEMS}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const page = (await client.get(`${path}?${query}`)).body as {
      readonly items: readonly unknown[];
      readonly next?: string;
    };
    items.push(...page.items);
    cursor = page.next;
  }
  return items;
}
