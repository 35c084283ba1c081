/** The laws of the UI that a machine can check; the import law is computed from the folders that exist. */
import { readdirSync } from "node:fs";

import importX from "eslint-plugin-import-x";
import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const features = readdirSync("src/features", { withFileTypes: true }).filter((entry) => entry.isDirectory());

// lib, components and api know nothing of features; features know nothing of each other; app alone knows all.
const zones = [
  { target: ["src/lib", "src/components", "src/api"], from: ["src/features", "src/app"] },
  { target: ["src/lib", "src/api"], from: ["src/components"] },
  { target: "src/features", from: "src/app" },
  ...features.map(({ name }) => ({ target: `src/features/${name}`, from: "src/features", except: [`./${name}`] })),
];

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { "import-x": importX, "react-hooks": reactHooks },
    settings: { "import-x/resolver-next": [createTypeScriptImportResolver()] },
    rules: {
      ...reactHooks.configs.recommended.rules,
      "import-x/no-restricted-paths": ["error", { zones }],
      "import-x/no-cycle": "error",
      "import-x/no-default-export": "error",
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "no-console": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      "@typescript-eslint/no-unnecessary-type-arguments": "off",
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    ignores: ["src/**/*.test.*"],
    rules: {
      "no-restricted-properties": ["error", { object: "Math", property: "random", message: "Chance is an argument." }],
    },
  },
  { files: ["vite.config.ts"], rules: { "import-x/no-default-export": "off" } },
  { files: ["*.js", "tools/*.js"], ...tseslint.configs.disableTypeChecked },
);
