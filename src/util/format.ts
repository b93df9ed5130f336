/** `120 ms`, `1.2 s`, `42 s`, `3 min 04 s`, `2 h 05 min`. */
export function formatDuration(durationMs: number): string {
  const rounded = Math.max(0, Math.round(durationMs));
  if (rounded < 1000) return `${rounded} ms`;
  if (rounded < 9950) return `${(rounded / 1000).toFixed(1)} s`;
  const seconds = Math.round(rounded / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** `12 s`, `5 min`, `3 h`, `2 d`, `5 wk`, `2 yr`: how long ago something was, in one unit. */
export function formatAge(ageMs: number): string {
  const units = [
    ['yr', 365 * 86_400],
    ['wk', 7 * 86_400],
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
  ] as const;
  const seconds = Math.max(0, Math.floor(ageMs / 1000));
  // Two weeks are still 14 d: the smaller unit says more.
  const [name, length] = units.find(([unit, each]) => seconds >= (unit === 'wk' ? 3 : 1) * each) ?? ['s', 1];
  return `${Math.floor(seconds / length)} ${name}`;
}

/** As formatDuration, in whole seconds: for a time that counts up or down while someone looks. */
export function formatWholeSeconds(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  return seconds < 10 ? `${seconds} s` : formatDuration(seconds * 1000);
}

/** `812 B`, `1.5 KB`, `300 MB`: powers of 1000, as disks and registries count. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = Math.max(0, bytes);
  let unit = 0;
  // 999.5 would be shown as 1000 of the smaller unit.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 9.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** A metric for people: 4 significant digits, exponents only where the plain form is unreadable. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞';
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  if (Number.isInteger(value) && magnitude < 1e7) return String(value);
  if (magnitude < 1e-4 || magnitude >= 1e7) return value.toExponential(2).replace('e+', 'e');
  if (magnitude >= 1000) return String(Math.round(value));
  return value.toPrecision(4);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
