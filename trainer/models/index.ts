import type { ComponentClass } from '../components/component.ts';
import type { ModelBuilder } from '../components/model-builder.ts';
import { AutoencoderBuilder } from './autoencoder.ts';
import { CnnMnistBuilder } from './cnn-mnist.ts';
import { ConvolutionalBuilder } from './convolutional.ts';
import { DnnBuilder, MlpBuilder } from './dense.ts';
import { ResnetBuilder } from './resnet.ts';
import { Vgg16Builder } from './vgg16/vgg16.ts';

/** Every model builder by its name in a configuration. */
export const modelBuilders: Readonly<Record<string, ComponentClass<ModelBuilder<object>>>> = {
  convolutional: ConvolutionalBuilder,
  mlp: MlpBuilder,
  dnn: DnnBuilder,
  cnn_mnist: CnnMnistBuilder,
  resnet: ResnetBuilder,
  autoencoder: AutoencoderBuilder,
  vgg16: Vgg16Builder,
};
