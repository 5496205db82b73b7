import importlib
import os

_files = [f[:-3] for f in sorted(os.listdir(os.path.dirname(os.path.abspath(__file__)))) if f.endswith('_arch.py')]
_modules = [importlib.import_module(f'archs.{f}') for f in _files]


def define(name, **kw):
    for module in _modules:
        cls = getattr(module, name, None)
        if cls is not None:
            return cls(**kw)
