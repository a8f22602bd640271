// Stands for a module of Node that a bundled package names and does not need here.
module.exports = {}
