import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DataLoader, plainSetup } from '../../trainer/components/index.ts';
import { readDataset, splitNames } from '../../trainer/data/dataset.ts';
import { dataLoaders } from '../../trainer/data/loaders/index.ts';
import { patientOf } from '../../trainer/data/sources/malaria.ts';
import { requireData, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import { runTrainer, trainerEvents } from '../support/trainer.ts';

describe('the NIH malaria cells', () => {
  let location: string;
  let folder: TemporaryDirectory;
  beforeAll(async () => {
    location = join(requireData('malaria'), 'cell_images.zip');
    folder = await temporaryDirectory();
  });
  afterAll(() => folder?.remove());

  it('are all loaded, split 70/15/15 with no patient in two parts', async () => {
    const Loader = dataLoaders.malaria as NonNullable<(typeof dataLoaders)[string]>;
    const loader: DataLoader<object> = new Loader({ location }, plainSetup);
    await loader.open();
    const dataset = await readDataset(loader);
    const counts = splitNames.map((name) => dataset.splits[name].ids.length);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(27_558);
    const shares = [0.7, 0.15, 0.15];
    for (const [index, count] of counts.entries()) {
      expect(Math.abs(count / 27_558 - (shares[index] as number))).toBeLessThan(0.01);
    }
    const patients = splitNames.map(
      (name) => new Set(dataset.splits[name].ids.map((id) => patientOf(id.split('/')[1] as string))),
    );
    expect(patients.reduce((sum, members) => sum + members.size, 0)).toBe(200);
    expect(new Set(patients.flatMap((members) => [...members])).size).toBe(200);
    expect(dataset.imageShape).toEqual([50, 50, 1]);
  });

  it('are learned from: a short training is far better than chance on patients it never saw', async () => {
    const argv = [
      `--data=${location}`,
      '--epochs=2',
      '--training-samples=2000',
      '--validation-samples=300',
      '--image-size=32',
    ];
    const environment = { SLIPWAY_RUN_DIR: folder.path, SLIPWAY_REGISTER_MODEL: 'malaria' };
    expect(await runTrainer(argv, environment)).toMatchObject({ exitCode: 0 });
    const events = await trainerEvents(folder.path);
    const area = events.find((event) => event.type === 'metric' && event.key === 'test_auc');
    expect(area?.type === 'metric' && area.value).toBeGreaterThan(0.75);
    expect(events.find((event) => event.type === 'model')).toMatchObject({
      register: 'malaria',
      dataset: 'malaria-cells-test',
    });
    const profile = events.find((event) => event.type === 'dataset' && event.context === 'training');
    expect(profile).toMatchObject({ name: 'malaria-cells-training', source_type: 'local' });
  });
});
