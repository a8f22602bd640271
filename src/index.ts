// Hornbeam's public API, with all names registered: options take them as strings, and files are read without further ado.
import './names/all'

export * from './core'
