/**
 * Versions an exported model is written for: the Python libraries that are known to load it.
 * `docs/models.md` repeats them.
 */
export const pythonVersions = {
  python: '3.11',
  mlflow: '3.17.2',
  tensorflow: '2.21.0',
  keras: '3.15.1',
  onnx: '1.23.2',
  onnxruntime: '1.32.0',
} as const;
