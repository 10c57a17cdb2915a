import { OptionDefaults } from "typedoc"

export default {
  entryPoints: ["src/index.ts"],
  out: "target/docs",
  readme: "none",
  excludeInternal: true,
  excludePrivate: true,
  treatWarningsAsErrors: true,
  // The build checks the same types.
  skipErrorChecking: true,
  validation: { notExported: false },
  // Of the generated messages, which are looked at on the way and not shown.
  blockTags: [...OptionDefaults.blockTags, "@generated"],
  // They would need to know where the sources are published.
  disableSources: true,
}
