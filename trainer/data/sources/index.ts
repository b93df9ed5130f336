import { classFolders } from './class-folders.ts';
import { csvTable } from './csv-table.ts';
import { hdf5 } from './hdf5.ts';
import { idx } from './idx.ts';
import { labelledFolders } from './labelled-folders.ts';
import { malaria } from './malaria.ts';
import { npz } from './npz.ts';
import { numberedZip } from './numbered-zip.ts';
import type { SourceDefinition } from './source.ts';
import { sql } from './sql.ts';
import { tfrecord } from './tfrecord.ts';

/** Every kind of data. */
export const sources: readonly SourceDefinition[] = [
  malaria,
  classFolders,
  numberedZip,
  idx,
  npz,
  labelledFolders,
  csvTable,
  hdf5,
  tfrecord,
  sql,
];
