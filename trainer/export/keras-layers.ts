/**
 * How a tfjs layer is written for Keras 3. tfjs's configuration (in snake_case) and Keras's constructor arguments
 * (keras 3.15, `keras/src/layers`) mostly share their names: `keep` lists those that are handed over,
 * `rename` those that Keras calls otherwise. What is in neither has no meaning in Keras.
 */
export interface LayerConversion {
  /** Keras's class name, where it is not tfjs's. */
  readonly className?: string;
  readonly keep: readonly string[];
  readonly rename?: Readonly<Record<string, string>>;
  /** Attribute of the Keras layer that holds the weights, where they are not its own. */
  readonly weightsIn?: 'cell';
  /** False where Keras's constructor refuses `trainable`. */
  readonly hasTrainable?: false;
  /** Values that Keras cannot compute, by configuration key: why not. */
  readonly refuse?: Readonly<Record<string, (value: unknown) => string | null>>;
}

const activation = ['activation', 'activity_regularizer'];
const bias = ['use_bias', 'bias_initializer', 'bias_regularizer', 'bias_constraint'];
const kernel = ['kernel_initializer', 'kernel_regularizer', 'kernel_constraint'];
const depthwise = ['depthwise_initializer', 'depthwise_regularizer', 'depthwise_constraint', 'depth_multiplier'];
const pointwise = ['pointwise_initializer', 'pointwise_regularizer', 'pointwise_constraint'];
const window = ['kernel_size', 'strides', 'padding', 'data_format', 'dilation_rate'];
const pooling: LayerConversion = { keep: ['pool_size', 'strides', 'padding', 'data_format'] };
const globalPooling: LayerConversion = { keep: ['data_format'] };
const convolution: LayerConversion = { keep: ['filters', ...window, ...activation, ...bias, ...kernel] };
const nothing: LayerConversion = { keep: [] };
const normalization = [
  'axis',
  'epsilon',
  'center',
  'scale',
  'beta_initializer',
  'gamma_initializer',
  'beta_regularizer',
  'gamma_regularizer',
  'beta_constraint',
  'gamma_constraint',
];

/** tfjs's hard sigmoid is clip(0.2 x + 0.5, 0, 1), that of Keras 3 is relu6(x + 3) / 6. */
export const hardSigmoidReason =
  "tfjs and Keras 3 compute the hard sigmoid differently; use 'sigmoid' (recurrentActivation in LSTM and GRU)";

const recurrent: LayerConversion = {
  weightsIn: 'cell',
  keep: [
    'units',
    'recurrent_activation',
    'recurrent_initializer',
    'recurrent_regularizer',
    'recurrent_constraint',
    'dropout',
    'recurrent_dropout',
    'return_sequences',
    'go_backwards',
    'stateful',
    'unroll',
    ...activation,
    ...bias,
    ...kernel,
  ],
  refuse: { return_state: (value) => (value === true ? 'it returns its state (returnState)' : null) },
};

/** All layers that can be exported, by tfjs's class name. */
export const layerConversions: Readonly<Record<string, LayerConversion>> = {
  Activation: { keep: ['activation'] },
  Add: nothing,
  AlphaDropout: { keep: ['rate'] },
  Average: nothing,
  AveragePooling1D: pooling,
  AveragePooling2D: pooling,
  AveragePooling3D: pooling,
  BatchNormalization: {
    keep: [...normalization, 'momentum', 'moving_mean_initializer', 'moving_variance_initializer'],
  },
  Concatenate: { keep: ['axis'] },
  Conv1D: convolution,
  Conv2D: convolution,
  Conv2DTranspose: convolution,
  Conv3D: convolution,
  Cropping2D: { keep: ['cropping', 'data_format'] },
  Dense: { keep: ['units', ...activation, ...bias, ...kernel] },
  DepthwiseConv2D: { keep: [...window, ...activation, ...bias, ...depthwise] },
  Dropout: { keep: ['rate', 'noise_shape'] },
  ELU: { keep: ['alpha'] },
  Embedding: {
    keep: [
      'input_dim',
      'output_dim',
      'embeddings_initializer',
      'embeddings_regularizer',
      'embeddings_constraint',
      'mask_zero',
    ],
  },
  Flatten: { keep: ['data_format'] },
  GaussianDropout: { keep: ['rate'] },
  GaussianNoise: { keep: ['stddev'] },
  GlobalAveragePooling1D: globalPooling,
  GlobalAveragePooling2D: globalPooling,
  GlobalMaxPooling1D: globalPooling,
  GlobalMaxPooling2D: globalPooling,
  GRU: { ...recurrent, keep: [...recurrent.keep, 'reset_after'] },
  LayerNormalization: { keep: normalization },
  LeakyReLU: { keep: [], rename: { alpha: 'negative_slope' } },
  LSTM: { ...recurrent, keep: [...recurrent.keep, 'unit_forget_bias'] },
  Masking: { keep: ['mask_value'] },
  Maximum: nothing,
  MaxPooling1D: pooling,
  MaxPooling2D: pooling,
  MaxPooling3D: pooling,
  Minimum: nothing,
  Multiply: nothing,
  Permute: { keep: ['dims'] },
  PReLU: { keep: ['alpha_initializer', 'alpha_regularizer', 'alpha_constraint', 'shared_axes'] },
  ReLU: { keep: ['max_value'] },
  RepeatVector: { keep: ['n'] },
  Rescaling: { keep: ['scale', 'offset'] },
  Reshape: { keep: ['target_shape'] },
  SeparableConv2D: { keep: ['filters', ...window, ...activation, ...bias, ...depthwise, ...pointwise] },
  SimpleRNN: { ...recurrent, keep: recurrent.keep.filter((key) => key !== 'recurrent_activation') },
  Softmax: { keep: ['axis'] },
  SpatialDropout1D: { keep: ['rate'], hasTrainable: false },
  UpSampling2D: {
    keep: ['size', 'data_format', 'interpolation'],
    refuse: {
      interpolation: (value) =>
        value === 'nearest' ? null : 'tfjs and Keras 3 place the samples of bilinear interpolation differently',
    },
  },
  ZeroPadding2D: { keep: ['padding', 'data_format'] },
};

/** Layers that pass their input on unchanged outside of training: a subclass may be written as its base. */
export const trainingOnlyLayers: readonly string[] = [
  'AlphaDropout',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'SpatialDropout1D',
];

/** Activations that tfjs and Keras 3 compute alike. */
export const activations: readonly string[] = [
  'elu',
  'gelu',
  'linear',
  'log_softmax',
  'mish',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'softmax',
  'softplus',
  'softsign',
  'swish',
  'tanh',
];

/** Initializers that Keras 3 knows under the same name and arguments. */
export const initializers: readonly string[] = [
  'Constant',
  'Identity',
  'Ones',
  'Orthogonal',
  'RandomNormal',
  'RandomUniform',
  'TruncatedNormal',
  'VarianceScaling',
  'Zeros',
];

export const constraints: readonly string[] = ['MaxNorm', 'MinMaxNorm', 'NonNeg', 'UnitNorm'];
