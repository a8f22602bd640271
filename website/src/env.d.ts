// What the generator of the site tells scripts of pages.
interface ImportMeta {
  readonly env: { readonly BASE_URL: string }
}

/** The names of the files that the site serves for its code blocks; the build puts them in. */
declare const DATA_FILES: readonly string[]
