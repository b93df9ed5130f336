import type { ComponentClass } from '../../components/component.ts';
import type { DataLoader } from '../../components/data-loader.ts';
import { sources } from '../sources/index.ts';
import { loaderOf } from './source-loader.ts';
import { SyntheticCellsLoader } from './synthetic.ts';

/** Every data loader by its name in a configuration: one for each source, and those that draw their data. */
export const dataLoaders: Readonly<Record<string, ComponentClass<DataLoader<object>>>> = {
  synthetic_cells: SyntheticCellsLoader,
  ...Object.fromEntries(sources.map((source) => [source.name, loaderOf(source)])),
};
