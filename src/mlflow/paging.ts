import type { Page } from './types.ts';

/** All items of a search, page after page. A token that comes twice in a row would never end, so it ends there. */
export async function* paged<T>(fetchPage: (query: { pageToken?: string }) => Promise<Page<T>>): AsyncGenerator<T> {
  let pageToken: string | null = null;
  for (;;) {
    const page: Page<T> = await fetchPage(pageToken === null ? {} : { pageToken });
    yield* page.items;
    if (page.nextPageToken === null || page.nextPageToken === pageToken) return;
    pageToken = page.nextPageToken;
  }
}
