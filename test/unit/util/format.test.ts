import { describe, expect, it } from 'vitest';
import { formatAge, formatBytes, formatDuration, formatNumber, formatWholeSeconds } from '../../../src/util/index.ts';

describe('formatDuration', () => {
  it.each([
    [-5, '0 ms'],
    [0.4, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [1234, '1.2 s'],
    [9949, '9.9 s'],
    [9950, '10 s'],
    [59_499, '59 s'],
    [59_500, '1 min 00 s'],
    [184_000, '3 min 04 s'],
    [3_599_499, '59 min 59 s'],
    [3_599_500, '1 h 00 min'],
    [7_500_000, '2 h 05 min'],
    [90_000_000, '25 h 00 min'],
  ])('writes %d ms as %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });
});

describe('formatAge', () => {
  it.each([
    [-5, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_600_000, '1 h'],
    [20 * 86_400_000, '20 d'],
    [21 * 86_400_000, '3 wk'],
    [400 * 86_400_000, '1 yr'],
  ])('writes %d ms as %s', (ageMs, text) => {
    expect(formatAge(ageMs)).toBe(text);
  });
});

describe('formatWholeSeconds', () => {
  it.each([
    [-1, '0 s'],
    [900, '1 s'],
    [9499, '9 s'],
    [9500, '10 s'],
    [61_400, '1 min 01 s'],
  ])('writes %d ms as %s', (durationMs, text) => {
    expect(formatWholeSeconds(durationMs)).toBe(text);
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 KB'],
    [9949, '9.9 KB'],
    [9950, '10 KB'],
    [999_499, '999 KB'],
    [999_500, '1.0 MB'],
    [300_000_000, '300 MB'],
    [4.2e15, '4200 TB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [3, '3'],
    [-12_345, '-12345'],
    [0.95312, '0.9531'],
    [0.5, '0.5000'],
    [12.345, '12.35'],
    [1234.5, '1235'],
    [0.000123456, '0.0001235'],
    [0.00001, '1.00e-5'],
    [123_456_789, '1.23e8'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-∞'],
  ])('writes %d as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});
