"""The trained network and its card; written by `scanproc train`, loaded by `page.classify`."""
