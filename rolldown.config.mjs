import { defineConfig } from 'rolldown';

// The launcher in a few files: to load its modules one by one takes longer than all else that a launch does.
export default defineConfig({
  input: 'src/cli.ts',
  platform: 'node',
  transform: { target: 'node20' },
  // Has native parts, and is loaded where an engine is spoken to.
  external: ['docker-modem'],
  output: { dir: 'dist/launcher', cleanDir: true },
});
