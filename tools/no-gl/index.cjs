// gpu.js leaves out its headlessgl mode where requiring gl throws.
throw new Error('gl is not installed')
