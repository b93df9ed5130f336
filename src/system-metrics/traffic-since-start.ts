import type { ProgramStats, TrafficCounters } from '../executors/executor.ts';

const bytesPerMegabyte = 1e6;

/**
 * What went over the network since a program's start. A container's counters are its own; those of a machine count from
 * the first look, and an agent that takes over goes on from the last value that was written down.
 */
export class TrafficSinceStart {
  readonly #carried: TrafficCounters;
  #first: TrafficCounters | null = null;

  /** @param values The last values of the attempt, by key, as an earlier agent sampled them. */
  constructor(values: ReadonlyMap<string, number>) {
    const bytes = (key: string): number => (values.get(key) ?? 0) * bytesPerMegabyte;
    this.#carried = {
      inBytes: bytes('system/network_receive_megabytes'),
      outBytes: bytes('system/network_transmit_megabytes'),
    };
  }

  since(counters: ProgramStats['network']): TrafficCounters | null {
    if (counters === null || counters.isOwn) return counters;
    this.#first ??= counters;
    const passed = (way: keyof TrafficCounters): number =>
      this.#carried[way] + Math.max(0, counters[way] - this.#first![way]);
    return { inBytes: passed('inBytes'), outBytes: passed('outBytes') };
  }
}
