import mien,sys
def show(t):
    e=t.evaluation if hasattr(t,'evaluation') else t
    a=e.scores['accuracy']; print(e.protocol['n_subjects'],round(a.value,3),a.p); [print('   -',n[:330]) for n in e.notes]
base='/tmp/s/str12b/'
print('A1'); show(mien.train(base+'tab2/s.csv',target='label',faces=base+'st2',progress=False))
print('A2'); show(mien.train(base+'vid.csv',target='label',faces=base+'vst',progress=False,model='landmark-rvfl'))
