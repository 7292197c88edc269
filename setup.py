"""The optional C extension, nothing else: all metadata is in pyproject.toml.

NLP_ZERO_BUILD=auto     build it if that works, else install without it (default)
NLP_ZERO_BUILD=skip     do not try
NLP_ZERO_BUILD=require  a failed build is an error (implied by CIBUILDWHEEL)
NLP_ZERO_DEBUG=1        no optimisation, debugging symbols, assertions
NLP_ZERO_SANITIZE=1     the same with AddressSanitizer and UndefinedBehaviorSanitizer
"""

import os
import platform
import sysconfig
from glob import glob

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

POLICIES = ("auto", "skip", "require")
policy = os.environ.get("NLP_ZERO_BUILD") or ("require" if os.environ.get("CIBUILDWHEEL") else "auto")
if policy not in POLICIES:
    raise SystemExit(f"NLP_ZERO_BUILD: expected one of {', '.join(POLICIES)}, found {policy!r}")
sanitize = os.environ.get("NLP_ZERO_SANITIZE") == "1"
debug = sanitize or os.environ.get("NLP_ZERO_DEBUG") == "1"

# A free-threaded interpreter cannot load abi3 modules: it gets an extension of its own.
limited = not sysconfig.get_config_var("Py_GIL_DISABLED")


class BuildKernels(build_ext):
    """Choose flags by compiler; say plainly what a failed build means."""

    def build_extension(self, ext):
        if self.compiler.compiler_type == "msvc":
            ext.extra_compile_args = ["/Od" if debug else "/O2", "/std:c11", "/fp:precise"]
        else:
            ext.extra_compile_args = ["-std=c11", "-Wall", "-Wextra", "-ffp-contract=off"]
            ext.extra_compile_args += ["-O0", "-g3", "-UNDEBUG"] if debug else ["-O3"]
            if sanitize:
                flags = ["-fsanitize=address,undefined", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all"]
                ext.extra_compile_args += flags
                ext.extra_link_args += flags
        try:
            super().build_extension(ext)
        except Exception as error:
            print(f"\n*** nlp-zero: the C core was not built: {error}", flush=True)
            if policy == "auto":
                print("*** It installs without it; `nlp-zero --version` shows the core in use.\n", flush=True)
            raise


kernels = Extension(
    "nlp_zero.core._c",
    sources=["nlp_zero/core/_c.c"],
    depends=sorted(glob("nlp_zero/core/*.h")),
    define_macros=[("Py_LIMITED_API", "0x030B0000") if limited else ("Py_GIL_DISABLED", "1")],
    py_limited_api=limited,
    optional=policy != "require",
)
wanted = policy == "require" or (policy == "auto" and platform.python_implementation() == "CPython")
variant = "sanitize" if sanitize else "debug" if debug else "release"

setup(
    ext_modules=[kernels] if wanted else [],
    cmdclass={"build_ext": BuildKernels},
    options={
        # Flags are no part of the up-to-date check, so each set of them has a directory of its own.
        "build": {"build_base": f"build/{variant if wanted else 'pure'}"},
        "bdist_wheel": {"py_limited_api": "cp311"} if wanted and limited else {},
    },
)
