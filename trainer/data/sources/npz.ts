import { z } from 'zod';
import { checkFile } from '../location.ts';
import { arraySource } from './array-source.ts';
import { arrayNames, classNames, location } from './common-parameters.ts';
import { namesOrNumbers, openNamedArrays } from './named-arrays.ts';
import { openNpy } from './npy.ts';
import type { SourceDefinition } from './source.ts';
import { openZipEntries } from './zip-entries.ts';

const parameters = z.strictObject({
  location: location('an .npz file'),
  ...arrayNames,
  class_names: classNames,
});

/** Arrays as NumPy's `savez` and `savez_compressed` write them. */
export const npz: SourceDefinition<typeof parameters> = {
  name: 'npz',
  parameters,
  async open(given, context) {
    const { location, class_names } = given;
    await checkFile(location, 'an .npz file');
    const zip = await openZipEntries(location, context);
    try {
      const { arrays, classCount } = await openNamedArrays(
        {
          path: location,
          names: zip.names.filter((name) => name.endsWith('.npy')).map((name) => name.slice(0, -4)),
          open: async (name) => openNpy(await zip.open(`${name}.npy`), `${name} of ${location}`),
        },
        given,
      );
      return arraySource(arrays, namesOrNumbers(class_names, classCount), location, zip.close);
    } catch (error) {
      await zip.close();
      throw error;
    }
  },
};
