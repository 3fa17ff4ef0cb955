"""A forecaster in the manner of Prophet: trend and weekly season, fitted by least squares."""
import numpy
import pandas


class Seasonal:
    def fit(self, history):
        terms = self._terms(history["ds"])
        self.weights, *_ = numpy.linalg.lstsq(terms, history["y"].to_numpy(), rcond=None)
        self.width = 1.96 * float(numpy.std(history["y"] - terms @ self.weights))
        return self

    def predict(self, future):
        yhat = self._terms(future["ds"]) @ self.weights
        return pandas.DataFrame({"ds": future["ds"], "yhat": yhat, "yhat_lower": yhat - self.width,
                                 "yhat_upper": yhat + self.width})

    @staticmethod
    def _terms(ds):
        days = (ds - pandas.Timestamp("2024-01-01")).dt.total_seconds().to_numpy() / 86400
        week = 2 * numpy.pi * days / 7
        return numpy.column_stack([numpy.ones_like(days), days, numpy.sin(week), numpy.cos(week)])
