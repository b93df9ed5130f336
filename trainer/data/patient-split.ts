import { UsageError } from '../../src/errors.ts';
import { randomSource, shuffled } from '../random.ts';
import { type SplitName, splitNames } from './dataset.ts';

const shares: Readonly<Record<SplitName, number>> = { training: 0.7, validation: 0.15, test: 0.15 };

/** The patient of a cell image, from its file name as the NIH set writes it (`C33P1thinF…`, `C1_thinF…`). */
export function patientOf(fileName: string): string | null {
  return /^(?:Parasitized)?C(\d+)/.exec(fileName)?.[1] ?? null;
}

interface Patient {
  readonly id: string;
  cells: number;
  infected: boolean;
}

/**
 * Decides the part of each patient, so that no patient's cells are in two parts: 70 % of the cells are for training,
 * 15 % each for validation and test, as near as whole patients allow; infected and healthy patients are dealt separately.
 * Throws UsageError where there are fewer than three patients of a kind that is there.
 */
export function splitByPatient(
  cells: readonly { readonly patient: string; readonly label: number }[],
  seed: number,
): ReadonlyMap<string, SplitName> {
  const patients = new Map<string, Patient>();
  for (const { patient, label } of cells) {
    const known = patients.get(patient) ?? { id: patient, cells: 0, infected: false };
    known.cells += 1;
    known.infected ||= label === 1;
    patients.set(patient, known);
  }
  const infected = [...patients.values()].filter((patient) => patient.infected);
  if (infected.length < splitNames.length) {
    throw new UsageError(
      `The data holds parasitized cells of ${infected.length} patients, but training, validation and test need one patient each.`,
    );
  }
  const assigned = new Map<string, SplitName>();
  for (const infected of [true, false]) {
    const group = [...patients.values()].filter((patient) => patient.infected === infected);
    const total = group.reduce((sum, patient) => sum + patient.cells, 0);
    const room = new Map(splitNames.map((name) => [name, shares[name] * total]));
    // In the order of their names first: the split must not depend on the order of files.
    const ordered = group.sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const patient of shuffled(ordered, randomSource(seed, 'patients', String(infected)))) {
      const emptiest = splitNames.reduce((best, name) =>
        (room.get(name) ?? 0) / shares[name] > (room.get(best) ?? 0) / shares[best] ? name : best,
      );
      assigned.set(patient.id, emptiest);
      room.set(emptiest, (room.get(emptiest) ?? 0) - patient.cells);
    }
  }
  return assigned;
}
