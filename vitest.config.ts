import { defineConfig } from 'vitest/config';

// Set-ups that take minutes the first time, before any test's clock runs.
const tensorflow = './test/support/tensorflow-setup.ts';
const python = './test/support/python-environment.ts';
const browser = './test/support/browser-setup.ts';
const postgres = './test/support/postgres-setup.ts';

// Unit tests need neither Docker nor a server; the other two projects share one machine, so their files run one by one.
export default defineConfig({
  test: {
    reporters: ['default', './test/support/count-reporter.ts'],
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], globalSetup: tensorflow, testTimeout: 20_000 } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: [tensorflow, python, postgres],
          testTimeout: 300_000,
          hookTimeout: 900_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: [tensorflow, python, browser],
          testTimeout: 900_000,
          hookTimeout: 900_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          globalSetup: python,
          testTimeout: 3_600_000,
          hookTimeout: 900_000,
          fileParallelism: false,
          // Most of a row is waiting.
          maxConcurrency: 3,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
