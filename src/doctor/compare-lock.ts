import { z } from 'zod';

const entry = z.object({
  version: z.string().nullish(),
  integrity: z.string().nullish(),
  link: z.boolean().nullish(),
  dev: z.boolean().nullish(),
  optional: z.boolean().nullish(),
  devOptional: z.boolean().nullish(),
  peer: z.boolean().nullish(),
});

/** `package-lock.json`, and what npm writes down in `node_modules/.package-lock.json` of what it installed. */
export const lockSchema = z.object({ packages: z.record(z.string(), entry).nullish() });
export type Lock = z.infer<typeof lockSchema>;

/** How what is installed differs from what is locked; folders of packages, as the lock names them. */
export interface LockDifference {
  readonly missing: readonly string[];
  /** Installed in another version, or with other contents. */
  readonly other: readonly string[];
  readonly extra: readonly string[];
  /** Development packages that were left out on purpose (`--omit=dev`). */
  readonly withoutDevelopment: boolean;
}

/** Compares by contents, not by the files' times: a copied or checked-out tree has any times. */
export function compareLocks(locked: Lock, installed: Lock): LockDifference {
  const wanted = packagesOf(locked);
  const found = packagesOf(installed);
  const absent = [...wanted].filter(([folder, { optional, peer }]) => !found.has(folder) && !optional && !peer);
  const development = [...wanted].filter(([, { dev }]) => dev);
  const withoutDevelopment = development.length > 0 && development.every(([folder]) => !found.has(folder));
  const excused = ({ dev, devOptional }: z.infer<typeof entry>): boolean =>
    withoutDevelopment && Boolean(dev || devOptional);
  return {
    missing: absent.filter(([, each]) => !excused(each)).map(([folder]) => folder),
    other: [...wanted].filter(([folder, each]) => differs(each, found.get(folder))).map(([folder]) => folder),
    extra: [...found.keys()].filter((folder) => !wanted.has(folder)),
    withoutDevelopment,
  };
}

function differs(wanted: z.infer<typeof entry>, found: z.infer<typeof entry> | undefined): boolean {
  if (found === undefined || wanted.link || found.link) return false;
  if (wanted.version !== found.version) return true;
  return Boolean(wanted.integrity && found.integrity && wanted.integrity !== found.integrity);
}

/** Without the project itself, whose entry has no name. */
function packagesOf(lock: Lock): Map<string, z.infer<typeof entry>> {
  return new Map(Object.entries(lock.packages ?? {}).filter(([folder]) => folder.includes('node_modules/')));
}
