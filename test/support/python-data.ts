import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pythonPath } from './python.ts';

/** Files as Python's libraries write them, and what they read from them. */
const script = `
import json, os, sys
import h5py, numpy as np, tensorflow as tf
from PIL import Image
os.chdir(sys.argv[1])
random = np.random.default_rng(1)
smooth = np.asarray(Image.fromarray(random.integers(0, 256, (6, 8, 3), np.uint8)).resize((24, 20), Image.Resampling.BICUBIC))
grey = Image.fromarray(smooth[..., 0])
color = Image.fromarray(smooth)
alpha = color.copy(); alpha.putalpha(grey)
grey_alpha = grey.copy(); grey_alpha.putalpha(grey)
deep = random.integers(0, 65536, (20, 24, 3), np.uint16)
expected = {}
def keep(name, pixels):
    pixels = np.asarray(pixels)
    pixels = pixels.reshape(pixels.shape[0], pixels.shape[1], -1)
    expected[name] = {"shape": pixels.shape, "dtype": str(pixels.dtype), "values": pixels.ravel().tolist()}
def save(name, image, pixels, **options):
    image.save(name, **options)
    keep(name, pixels(Image.open(name)))
rgb = lambda image: image.convert("RGB")
save("grey.png", grey, np.asarray)
save("color.png", color, np.asarray)
save("palette.png", color.quantize(16), rgb)
save("two-colors.png", color.quantize(2), rgb, bits=1)
save("bits.png", grey.convert("1"), lambda image: image.convert("L"))
save("alpha.png", alpha, lambda image: np.asarray(image)[..., :3])
save("grey-alpha.png", grey_alpha, lambda image: np.asarray(image)[..., 0])
tf.io.write_file("deep-grey.png", tf.io.encode_png(deep[..., :1])); keep("deep-grey.png", deep[..., :1])
tf.io.write_file("deep-color.png", tf.io.encode_png(deep)); keep("deep-color.png", deep)
tf.io.write_file("deep-alpha.png", tf.io.encode_png(np.concatenate([deep, deep[..., :1]], axis=2))); keep("deep-alpha.png", deep)
tf.io.write_file("deep-grey-alpha.png", tf.io.encode_png(deep[..., :2])); keep("deep-grey-alpha.png", deep[..., :1])
save("clear-palette.png", color.quantize(16), rgb, transparency=3)
turned = Image.Exif(); turned[0x112] = 6
save("turned.jpg", color, np.asarray, exif=turned.tobytes())
save("grey.jpg", grey, np.asarray)
save("color.jpg", color, np.asarray, quality=95, subsampling=0)
save("subsampled.jpg", color, np.asarray, quality=60)
save("progressive.jpg", color, np.asarray, progressive=True, optimize=True)
color.convert("CMYK").save("cmyk.jpg")

images = random.integers(0, 256, (50, 5, 4), np.uint8)
labels = random.integers(0, 4, 50)
labels[:4] = [0, 1, 2, 3]
np.savez("stored.npz", imgs=images, labels=labels)
np.savez_compressed("packed.npz", imgs=images, labels=np.eye(4)[labels])
np.savez("floats.npz", imgs=images / np.float64(255), labels=np.array(["a", "b", "c", "d"])[labels])
with h5py.File("data.h5", "w") as file:
    file.create_dataset("imgs", data=images, chunks=(7, 5, 4), compression="gzip")
    file.create_dataset("labels", data=labels)
    file.create_dataset("names/label", data=[["a", "b", "c", "d"][label] for label in labels])
    file.create_dataset("half", data=images.astype(np.float16))
    file.create_dataset("lzf", data=images, chunks=(7, 5, 4), compression="lzf")

os.mkdir("tfds")
def example(image, label, note):
    png = tf.io.encode_png(image[..., None]).numpy()
    feature = {
        "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[png])),
        "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
        "score": tf.train.Feature(float_list=tf.train.FloatList(value=[0.5])),
        "offset": tf.train.Feature(int64_list=tf.train.Int64List(value=[-300])),
        "id": tf.train.Feature(bytes_list=tf.train.BytesList(value=[note.encode()])),
    }
    return tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()
def shard(split, index, total, places):
    with tf.io.TFRecordWriter(f"tfds/letters-{split}.tfrecord-{index:05d}-of-{total:05d}") as writer:
        for place in places:
            writer.write(example(images[place], int(labels[place]), f"note {place}"))
shard("train", 0, 2, range(0, 25)); shard("train", 1, 2, range(25, 40)); shard("test", 0, 1, range(40, 50))
template = "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}"
json.dump({"name": "letters", "version": "1.0.0", "fileFormat": "tfrecord", "splits": [
    {"name": "train", "filepathTemplate": template, "numBytes": "1", "shardLengths": ["25", "15"]},
    {"name": "test", "filepathTemplate": template, "numBytes": "1", "shardLengths": ["10"]}]}, open("tfds/dataset_info.json", "w"))
core = "tensorflow_datasets.core.features."
json.dump({"pythonClassName": core + "features_dict.FeaturesDict", "featuresDict": {"features": {
    "image": {"pythonClassName": core + "image_feature.Image", "image": {
        "shape": {"dimensions": ["5", "4", "1"]}, "dtype": "uint8", "encodingFormat": "png"}},
    "label": {"pythonClassName": core + "class_label_feature.ClassLabel", "classLabel": {"numClasses": "4"}},
    "score": {"pythonClassName": core + "scalar.Scalar", "tensor": {"shape": {}, "dtype": "float32", "encoding": "none"}},
    "offset": {"pythonClassName": core + "scalar.Scalar", "tensor": {"shape": {}, "dtype": "int64", "encoding": "none"}},
    "id": {"pythonClassName": core + "text_feature.Text", "text": {}}}}}, open("tfds/features.json", "w"))
open("tfds/label.labels.txt", "w").write("a\\nb\\nc\\nd\\n")
json.dump({"decoded": expected, "images": images.reshape(50, -1).tolist(), "labels": labels.tolist()}, open("expected.json", "w"))
`;

/** What Python reads from the files that it wrote. */
export interface PythonData {
  /** By file name, what PIL or TensorFlow decode it to. */
  readonly decoded: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly dtype: string; readonly values: readonly number[] }>
  >;
  /** 50 images of 5x4 bytes, which lie in every array file and in the TFRecords. */
  readonly images: readonly (readonly number[])[];
  /** Of four classes, which are named a to d where they have names. */
  readonly labels: readonly number[];
}

/** Has real Python write images of every kind, NumPy and HDF5 files and TFRecords into a folder. */
export async function writePythonData(folder: string): Promise<PythonData> {
  await promisify(execFile)(await pythonPath(), ['-c', script, folder], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
    maxBuffer: 16 * 1024 * 1024,
  });
  return JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8')) as PythonData;
}
