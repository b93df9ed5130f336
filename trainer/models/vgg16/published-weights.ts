import { fileDigest } from '../../../src/util/file-digest.ts';

/** Where Keras publishes the weights that were trained on ImageNet. */
export const publishedAt = 'https://storage.googleapis.com/tensorflow/keras-applications/vgg16/';

/** The published files with all layers, and with those before the dense ones alone. */
export const publishedFiles = {
  whole: 'vgg16_weights_tf_dim_ordering_tf_kernels.h5',
  withoutTop: 'vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5',
} as const;

/** MD5 checksums of those files, as Keras itself checks them (`keras/src/applications/vgg16.py`). */
export const publishedChecksums: readonly string[] = [
  '64373286793e3c8b2b4e3219cbf3544b',
  '6d6bbae143d832006294945121d1f1fc',
];

/** What to do where there is no file, or another network's. */
export const weightsHint =
  `Download ${publishedAt}${publishedFiles.withoutTop} into the storage folder and set ` +
  `model_builder.weights=/storage/${publishedFiles.withoutTop}; or set model_builder.weights=random to start from random weights.`;

/** A sentence about a file that is none of those that Keras publishes; null for one of them. */
export async function checksumWarning(file: string): Promise<string | null> {
  const checksum = await fileDigest(file, 'md5');
  if (publishedChecksums.includes(checksum)) return null;
  return `The weights file ${file} is none of those that Keras publishes for VGG16: its MD5 checksum is ${checksum}.`;
}
