"""Old Excel (.xls), WPS (.et) and OpenDocument (.ods) made into XLSX, in a process of its own that may not take much.

What writes these files writes them whole, so what reads them needs memory that no counting bounds: the system does it.
Nothing here is imported by the platform but convert; the process imports nothing else of it.
"""
