"""A CSV file as a data set."""

from __future__ import annotations

from nnsweep.data.arrays import Data
from nnsweep.data.csv.content import text_of
from nnsweep.data.csv.keys import CsvKeys
from nnsweep.data.csv.table import read
from nnsweep.data.files import found


class Csv(CsvKeys):
    """`{ csv = "iris.csv", target = "species" }`: a table in a text file, with a row for each sample.

    Its delimiter, header, decimal mark and encoding are found if the file leaves no doubt. Other keys can name them.

    >>> str(Csv(csv="iris.csv", target="species", inputs=["width", "length"]))
    'iris.csv: species from width, length'
    """

    def make(self) -> Data:
        """Read the file.

        Raises:
            DataError: the file cannot be used. The message names the line and column of the first faulty cell.
        """
        path = found(self.csv, self._beside)
        with text_of(path, self.csv, self.encoding) as (file, encoding):
            return read(self, file, encoding)
