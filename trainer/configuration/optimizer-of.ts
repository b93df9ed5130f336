import { UsageError } from '../../src/errors.ts';
import type { CompiledModel } from '../components/model-builder.ts';
import { optimizers } from '../training/optimizers/index.ts';
import type { OptimizerDefinition } from '../training/optimizers/optimizer.ts';
import type { Configuration, Named } from './configuration.ts';

/**
 * The optimizer that the network brings, else that of the configuration. Throws UsageError for one that is not known, and
 * for parameters that it does not take.
 */
export function optimizerOf(
  { optimizer }: Pick<CompiledModel, 'optimizer'>,
  configuration: Pick<Configuration, 'optimizer' | 'modelBuilder'>,
): Named<OptimizerDefinition> {
  if (optimizer === undefined) return configuration.optimizer;
  const whose = `The network ${configuration.modelBuilder.name} has the optimizer ${JSON.stringify(optimizer.name)}`;
  const definition = Object.hasOwn(optimizers, optimizer.name) ? optimizers[optimizer.name] : undefined;
  if (definition === undefined) {
    throw new UsageError(`${whose}: expected one of ${Object.keys(optimizers).join(', ')}.`);
  }
  const parsed = definition.parameters.safeParse(optimizer.parameters ?? {});
  if (parsed.success) return { definition, parameters: parsed.data };
  const [issue] = parsed.error.issues;
  throw new UsageError(
    `${whose}, whose parameters are refused: ${[...(issue?.path ?? []), issue?.message].join(': ')}.`,
  );
}
