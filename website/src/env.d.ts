// What the generator of the site tells scripts of pages.
interface ImportMeta {
  readonly env: { readonly BASE_URL: string }
}
