"""`make slides`."""

from booktools import slides
from booktools.sphinx import downloads

slides.write(downloads.folder())
downloads.offer()
print(f"Made for the downloads of the built book: slides/index.html and {slides.NAME}.zip")
