// The site: pages of src/content/docs, which the build writes, in the order of the sidebar below.
import starlight from '@astrojs/starlight'
import { defineConfig } from 'astro/config'
import { guides } from './build/order.ts'
import { themes } from './build/themes.ts'

const layerPages = themes.filter(({ slug }) => slug.startsWith('layers/')).map(({ slug }) => `api/${slug}`)
const opPages = themes.filter(({ slug }) => slug.startsWith('ops/')).map(({ slug }) => `api/${slug}`)
const others = themes.filter(({ slug }) => !slug.includes('/')).map(({ slug }) => `api/${slug}`)

export default defineConfig({
  site: 'https://hornbeam.github.io',
  base: '/hornbeam',
  trailingSlash: 'always',
  build: { inlineStylesheets: 'never' },
  devToolbar: { enabled: false },
  integrations: [
    starlight({
      title: 'Hornbeam',
      description: 'Build, train and look inside neural networks in TypeScript.',
      logo: { src: './static/favicon.svg', alt: '' },
      favicon: '/favicon.svg',
      social: [{ icon: 'github', label: 'GitHub', href: 'https://github.com/hornbeam/hornbeam' }],
      customCss: ['./src/styles/site.css'],
      components: { Footer: './src/components/Footer.astro' },
      credits: false,
      lastUpdated: false,
      tableOfContents: { minHeadingLevel: 2, maxHeadingLevel: 3 },
      expressiveCode: {
        themes: ['github-dark-high-contrast', 'github-light-high-contrast'],
        styleOverrides: { borderRadius: '0.4rem', codeFontSize: '0.875rem' },
        frames: { showCopyToClipboardButton: true },
        // Lines are broken, not hidden to the right; but for tables of text.
        defaultProps: { wrap: true, overridesByLang: { 'plaintext,text,txt': { wrap: false } } },
      },
      sidebar: [
        'getting-started',
        { label: 'Playground', link: '/playground/' },
        { label: 'Tutorials', items: [{ autogenerate: { directory: 'tutorials' } }] },
        { label: 'Guides', items: guides.map(({ to }) => to) },
        { label: 'In your app', collapsed: true, items: [{ autogenerate: { directory: 'apps' } }] },
        { label: 'Coming from', items: ['coming-from/keras', 'coming-from/pytorch', 'coming-from/tensorflowjs'] },
        { label: 'Examples', collapsed: true, items: [{ autogenerate: { directory: 'examples' } }] },
        {
          label: 'Reference',
          collapsed: true,
          items: [
            'api',
            'api/models',
            { label: 'Layers', items: layerPages },
            ...others.filter((slug) => slug !== 'api/models' && slug !== 'api/errors'),
            { label: 'Ops', items: opPages },
            'api/errors',
          ],
        },
        'support',
        { label: 'Speed', items: ['speed', 'race'] },
        { label: 'Architecture', collapsed: true, items: ['architecture', 'contributing', 'changes'] },
      ],
    }),
  ],
})
