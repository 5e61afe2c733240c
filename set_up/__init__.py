"""Set-up, with the standard library only: ``bootstrap.py`` at the top calls it once it knows that this Python will do.

Nothing here imports anything of ``leads_local``, which may not run yet. Of its own modules, those that stand above in
this list know nothing of those below: ``place``, ``running``, ``watching``, ``pins``, ``failures``, ``building``,
``machine``, ``wheelhouse``, ``installing``, ``checks``. ``backend`` stands alone: pip calls it.
"""
