import type { DataLoader } from '../components/data-loader.ts';
import type { Evaluator } from '../components/evaluator.ts';
import type { ModelBuilder } from '../components/model-builder.ts';
import type { Augmentor, Preprocessor } from '../components/preprocessor.ts';
import type { ComponentSetup } from '../components/setup.ts';
import type { Configuration } from './configuration.ts';

/** The parts of a training, made. */
export interface Components {
  readonly dataLoader: DataLoader<object>;
  /** Null where samples are left as they are. */
  readonly augmentor: Augmentor<object> | null;
  readonly preprocessor: Preprocessor<object>;
  readonly modelBuilder: ModelBuilder<object>;
  readonly evaluator: Evaluator<object>;
}

/** Makes the parts that a configuration names. */
export function createComponents(configuration: Configuration, setup: ComponentSetup): Components {
  const { dataLoader, augmentor, preprocessor, modelBuilder, evaluator } = configuration;
  return {
    dataLoader: new dataLoader.class(dataLoader.parameters, setup),
    augmentor: augmentor === null ? null : new augmentor.class(augmentor.parameters, setup),
    preprocessor: new preprocessor.class(preprocessor.parameters, setup),
    modelBuilder: new modelBuilder.class(modelBuilder.parameters, setup),
    evaluator: new evaluator.class(evaluator.parameters, setup),
  };
}
