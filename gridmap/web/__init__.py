"""The pages: read the request, call one function below, render."""
