export { atomicWriteFile } from './atomic-write-file.ts';
export { closest, didYouMean } from './closest.ts';
export { formatBytes, formatDuration, formatNumber, formatWholeSeconds } from './format.ts';
export { LineSplitter } from './line-splitter.ts';
export { describesModel, isLowerBetter, type MetricStem, metricStem } from './metric-stem.ts';
export { openForAppend, openForReading } from './open-file.ts';
export { quoteForShell } from './quote-for-shell.ts';
export { sha256 } from './sha256.ts';
export { sleep } from './sleep.ts';
