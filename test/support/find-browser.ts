import { existsSync } from 'node:fs';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** The Chromium of this machine: `SLIPWAY_TEST_BROWSER`, else one of the usual places; null where there is none. */
export function findBrowser(): string | null {
  const { SLIPWAY_TEST_BROWSER: named } = process.env;
  return named || (places.find((place) => existsSync(place)) ?? null);
}
