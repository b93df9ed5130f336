export { checkExportable } from './check-exportable.ts';
export { type ExportedModel, type ExportOptions, exportModel } from './export-model.ts';
export { defaultFormats, type ExportFormatName, exportFormats } from './formats/index.ts';
export { UnsupportedLayerError } from './unsupported-layer-error.ts';
