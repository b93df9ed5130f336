import path from 'node:path';
import type { ExportFormat } from '../format.ts';
import { checkOnnxSize, onnxModel } from '../onnx/model.ts';
import { pythonVersions } from '../versions.ts';

/** ONNX, of the layers of our own models: `model.onnx`. Input and output are those of the model, channels last. */
export const onnx: ExportFormat = {
  isLeftOutIfUnsupported: true,
  check: (_tf, model) => {
    checkOnnxSize(model, onnxModel(model));
  },
  async write({ model, directory }) {
    // MLflow looks for MLmodel in the folder of the file.
    const file = 'model.onnx';
    await onnxModel(model).write(path.join(directory, file));
    const flavor = {
      code: null,
      data: file,
      onnx_version: pythonVersions.onnx,
      onnx_session_options: null,
      providers: ['CUDAExecutionProvider', 'CPUExecutionProvider'],
    };
    return {
      files: [file],
      modelPath: file,
      flavors: { onnx: flavor },
      pythonFunction: { loaderModule: 'mlflow.onnx', data: file },
      packages: ['onnx', 'onnxruntime'],
    };
  },
};
