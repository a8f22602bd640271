"""The cases that make_keras_files.py makes."""
