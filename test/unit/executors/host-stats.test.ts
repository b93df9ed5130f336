import { totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { parseProcess, sessionStats } from '../../../src/executors/host-stats.ts';
import { parseTraffic } from '../../../src/executors/machine-traffic.ts';

const stat =
  '4242 (a) b (c)) S 1 4242 4242 0 -1 4194560 2541 18262 0 3 1500 250 700 50 20 0 11 0 8953436 1093115904 14000 18446744073709551615';
const status =
  'Name:\tnode\nVmRSS:\t   56000 kB\nRssAnon:\t   20000 kB\nRssFile:\t   35000 kB\nRssShmem:\t    1000 kB\n';
const io = 'rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 0\n';

describe('what processes of the host use', () => {
  it('is read of a process, whatever its name, with the children that it has waited for', () => {
    expect(parseProcess(stat, status, io)).toEqual({
      cpuSeconds: 25,
      anonymousBytes: 20_000 * 1024,
      sharedBytes: 1000 * 1024,
      readBytes: 4096,
      writtenBytes: 8192,
    });
  });

  it('is known without counts of what was read and written', () => {
    expect(parseProcess(stat, status, '')).toMatchObject({ cpuSeconds: 25, readBytes: 0, writtenBytes: 0 });
  });

  it('is plausible for this process, and nothing where none lives', async () => {
    const stats = await sessionStats([process.pid, 2 ** 30]);
    expect(stats?.cpuSeconds).toBeGreaterThan(0);
    expect(stats?.memoryBytes).toBeGreaterThan(10e6);
    expect(stats?.memoryBytes).toBeLessThan(process.memoryUsage().rss);
    expect(stats?.memoryLimitBytes).toBe(totalmem());
    expect(await sessionStats([2 ** 30])).toBeNull();
  });
});

describe('what a machine has sent and received', () => {
  const header =
    'Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n';
  const line = (name: string, received: number, sent: number) =>
    `${name.padStart(6)}: ${received}      10    0    0    0     0          0         0 ${sent}      10    0    0    0     0       0          0\n`;

  it('is the sum of its own interfaces, and not of those that carry the same once more', () => {
    const text = header + ['lo', 'eth0', 'wlan1', 'docker0', 'veth12ab'].map((name) => line(name, 1000, 50)).join('');
    expect(parseTraffic(text)).toEqual({ inBytes: 2000, outBytes: 100, isOwn: false });
  });

  it('is not known where there are none', () => {
    expect(parseTraffic(header + line('lo', 5, 5))).toBeNull();
  });
});
