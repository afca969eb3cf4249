/** Types for the operations the tests send: from the printed schema, never from the code that makes it. */
import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: 'test/support/operations.graphql',
  importExtension: '.ts',
  generates: {
    'test/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        enumsAsTypes: true,
        scalars: { DateTime: 'string', JSON: 'any' },
        useTypeImports: true,
        nonOptionalTypename: true,
      },
    },
  },
};

export default config;
