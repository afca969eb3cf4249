/** Types for the operations in `src`, from the printed schema of the service. */
import type { CodegenConfig } from '@graphql-codegen/cli';

const here = (path: string) => `${import.meta.dirname}/${path}`;

const config: CodegenConfig = {
  // In an app of your own, the address of the service: http://localhost:4000/graphql
  schema: here('../../schema.graphql'),
  documents: here('src/**/*.{ts,tsx}'),
  importExtension: '.ts',
  generates: {
    [here('src/generated/')]: {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: { enumsAsTypes: true, scalars: { DateTime: 'string' }, skipTypename: true, useTypeImports: true },
    },
  },
};

export default config;
